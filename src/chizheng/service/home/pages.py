"""The home page."""

from litestar import get

from chizheng.kernel import clock
from chizheng.kernel.access import logged_in
from chizheng.kernel.web import Request, Template, render
from chizheng.service.home.roles import home_of


@get("/", **logged_in())
async def home(request: Request) -> Template:
    """What needs this person today."""
    now = clock.now()
    return render(request, "home/home.html", home=await home_of(request.user, clock.today()), now=now)


ROUTES = [home]
