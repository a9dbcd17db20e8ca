import sys
from pathlib import Path

# Isolated mode (python -I) leaves this folder out; `vedette_worker` is found through its parent.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from vedette_worker.parent import main  # noqa: E402

main()
