import os
import sys

# Isolated mode (python -I) leaves this folder out; `vedette_worker` is found through its parent.
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from vedette_worker.parent import main  # noqa: E402

main()
