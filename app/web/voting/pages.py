"""The look of the pages for voters: the frame, and one script that nothing depends on."""

from hashlib import sha256
from pathlib import Path

from app.web.frame import Frame
from app.web.voting import words

_FOLDER = Path(__file__).parent
SCRIPT = (_FOLDER / "static" / "voting.js").read_bytes()
SCRIPT_PATH = f"/v/assets/{sha256(SCRIPT).hexdigest()[:16]}.js"

frame = Frame(_FOLDER, scripts=True, script=SCRIPT_PATH, words=words)
