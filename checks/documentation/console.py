"""The picture of the console: the page of a flag of the demonstration, as a browser shows it now."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from documentation.blocks import Block
from documentation.session import ROOT, Session

PICTURE = ROOT / "docs" / "console.png"
PARTICIPANT = "SIM-0024"
WIDTH, HEIGHT = 1280, 1380
# The date of the flag, and letters whose edges another version of the browser draws a little differently.
MOST_DIFFERENT = 0.005
FLAG = f"diel flags --study demo --format csv | grep {PARTICIPANT} | grep -o 'studies[^,]*' | head -n 1"


def photograph(session: Session, folder: Path, out: Path) -> str | None:
    """What went wrong, if anything did."""
    if shutil.which("chromium") is None:
        return "there is no browser: apt install chromium"
    status, said = session.serve(Block(1, "sh", "service", "diel demo\n"))
    web = re.search(r"in a browser: (http://[^/\s]+)", session.own(said))
    if status or web is None:
        return f"the demonstration does not say where to look\n{said}"
    status, flag = session.run(Block(2, "sh", "run", FLAG + "\n"))
    if status or not flag.strip():
        return f"{PARTICIPANT} has no flag\n{flag}"
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-color-profile=srgb"]
    command += [f"--user-data-dir={folder / 'profile'}", f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={out}"]
    done = subprocess.run([*command, f"{web[1]}/{flag.strip()}"], capture_output=True, text=True, check=False, timeout=60)
    return None if out.exists() else done.stderr[-1000:]


def console(environment: dict[str, str], python: Path, is_filling: bool) -> str | None:
    """Why docs/console.png is not what a browser shows; with `is_filling` it is made anew first where it is not."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        session, shown = Session(folder, environment, python), folder / "console.png"
        try:
            wrong = photograph(session, folder, shown)
        finally:
            session.close()
        if wrong:
            return wrong
        share = differing(python, PICTURE, shown)
        if share > MOST_DIFFERENT and is_filling:
            PICTURE.write_bytes(shown.read_bytes())
            return None
        return None if share <= MOST_DIFFERENT else f"{share:.1%} of its pixels differ from the page: checks/docs --fill docs/console.md"


def differing(python: Path, one: Path, other: Path) -> float:
    command = [str(python), str(Path(__file__).parent / "likeness.py"), str(one), str(other)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
