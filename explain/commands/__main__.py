"""`python -m explain.commands` is `whysure`."""

from explain.commands.main import main

raise SystemExit(main())
