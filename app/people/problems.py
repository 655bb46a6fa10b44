"""What can be refused about people, staff, and the programs that act for them."""

from app.core.problems import Conflict, Problem, Unauthenticated, breaking
from app.core.sheets.reading import SheetUnreadable

# Problem
# ├── 401  SignInFailed
# ├── 409  LoginTaken PostTaken LastAdmin AlreadyStaff AlreadyKnown WrongCode CodeTaken
# │        NotAHome AlreadyLivesThere ResidenceDecided ResidenceOver PhoneUnknown
# │        ClientIsRevoked AccountTaken AesKeyNeeded OnTheRegister CareOver
# └── 422  SheetUnreadable (HeadingsMissing TooManyRows) RosterWrong


class SignInFailed(Unauthenticated, status=401):
    """There is nobody with this login and password."""


class LoginTaken(Problem, status=409):
    """Somebody else signs in with this name already."""


class PostTaken(Problem, status=409):
    """They hold this post already."""


class LastAdmin(Problem, status=409):
    """A community needs an administrator; appoint another one first."""


class AlreadyStaff(Problem, status=409):
    """This WeChat user is known as another member of staff."""


class AlreadyKnown(Problem, status=409):
    """This WeChat user is known already."""


class WrongCode(Problem, status=409):
    """This code is wrong, was used, or has expired."""


class CodeTaken(Problem, status=409):
    """No code could be made just now; try again."""


class NotAHome(Problem, status=409):
    """Nobody can live there: it is not a home."""


class AlreadyLivesThere(Problem, status=409):
    """They live there already, as far as we know."""


class ResidenceDecided(Problem, status=409):
    """This was decided already."""


class OnTheRegister(Conflict, status=409):
    """They are on the care register already."""


class CareOver(Problem, status=409):
    """They are not on the care register any more."""


class ResidenceOver(Problem, status=409):
    """They do not live there any more."""


class PhoneUnknown(Problem, status=409):
    """We know no phone number of theirs."""


class AccountTaken(Problem, status=409):
    """There is a WeChat account with this slug or AppID already."""


class AesKeyNeeded(Problem, status=409):
    """Without an EncodingAESKey an account can only be in plain mode."""


class HeadingsMissing(SheetUnreadable, status=422):
    """The first row of a roster has the headings 楼栋, 房号, 姓名; 单元, 电话, 关系 may follow."""


class TooManyRows(SheetUnreadable, status=422):
    """A roster has at most 20,000 rows; split it into several files."""


class RosterWrong(Problem, status=422):
    """Some rows of the roster are wrong; nothing was written."""


breaking("credentials_community_id_login_key", LoginTaken)
breaking("credentials_community_id_person_id_key", LoginTaken)
breaking("posts_once_key", PostTaken)
breaking("residences_once_key", AlreadyLivesThere)
breaking("identities_account_id_openid_key", AlreadyKnown)
breaking("link_codes_community_id_digest_key", CodeTaken)
breaking("link_codes_community_id_person_id_key", CodeTaken)
breaking("wechat_accounts_slug_key", AccountTaken)
breaking("wechat_accounts_app_id_key", AccountTaken)
breaking("care_entries_once_key", OnTheRegister)
