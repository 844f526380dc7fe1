"""An audit of mined labels: a sample that readers judge, and what their verdicts come to."""
