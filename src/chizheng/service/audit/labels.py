"""What was done, in words."""

from typing import Final

from chizheng.kernel.i18n import N_
from chizheng.kernel.templating import register_labels

ACTION_NAMES: Final = {
    "account.activate": N_("启用账号"),
    "account.change_password": N_("修改密码"),
    "account.create": N_("新建账号"),
    "account.deactivate": N_("停用账号"),
    "account.grant": N_("授予角色"),
    "account.lock": N_("锁定账号"),
    "account.reset_password": N_("重置密码"),
    "account.ungrant": N_("收回角色"),
    "account.unlock": N_("解锁账号"),
    "assignment.assign": N_("指派承办人"),
    "assignment.refuse": N_("指派未通过"),
    "assignment.release": N_("解除指派"),
    "assignment.sweep": N_("零点清理"),
    "case.close": N_("结案"),
    "case.correct": N_("更正案件"),
    "case.open": N_("立案"),
    "certificate.issue": N_("办理发证"),
    "certificate.suspend": N_("暂扣证件"),
    "certificate.reinstate": N_("恢复证件"),
    "certificate.revoke": N_("吊销证件"),
    "certificate.cancel": N_("注销证件"),
    "certificate.report_lost": N_("证件报遗失"),
    "certificate.reissue": N_("补发证件"),
    "certificate.renew": N_("办理换证"),
    "demo.seed": N_("生成演示数据"),
    "establishment.record": N_("登记编制性质"),
    "import.commit": N_("花名册入库"),
    "import.discard": N_("放弃导入"),
    "import.preview": N_("花名册预览"),
    "import.undo": N_("撤销导入"),
    "legal_qualification.record": N_("登记法律职业资格"),
    "officer.register": N_("登记人员"),
    "officer.unmask": N_("查看完整号码"),
    "posting.cancel": N_("取消派驻"),
    "posting.end": N_("结束派驻"),
    "posting.extend": N_("延长派驻"),
    "posting.make": N_("办理派驻"),
    "service.active": N_("登记在职"),
    "service.suspended": N_("登记停职"),
    "service.left": N_("登记离职"),
    "service.retired": N_("登记退休"),
    "service.dismissed": N_("登记辞退"),
    "session.begin": N_("登录"),
    "session.end": N_("退出登录"),
    "session.refuse": N_("登录失败"),
    "unit.add_alias": N_("增加单位别名"),
    "unit.end": N_("撤并单位"),
    "unit.make": N_("新建单位"),
    "units.set_up": N_("导入单位目录"),
}

FAULT_NAMES: Final = {
    "edited": N_("内容被改动"),
    "missing": N_("记录缺失"),
    "reordered": N_("次序不符"),
    "tail cut": N_("末尾被截"),
    "head forged": N_("链首被改动"),
}

register_labels("audit_action", ACTION_NAMES)
