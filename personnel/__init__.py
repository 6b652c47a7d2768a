"""Units, officers, postings, certificates: the facts the gate reads."""
