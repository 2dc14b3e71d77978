"""How much is new for the visitor, which every page shows in its head."""

from api.application.notices.notices import Notices
from api.pages.base.visitor import Visitor


def get_notices(who: Visitor) -> Notices:
    return Notices(who.services.engine, who.services.views, who.services.resources.visibility)


def count_unseen(who: Visitor) -> int:
    notices = get_notices(who)
    return notices.count(who.holder, notices.read_seen(who.holder))
