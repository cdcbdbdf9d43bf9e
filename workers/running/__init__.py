"""How a worker works through runs: what it holds, which step does what, and how a run ends."""
