"""What the panel shows, read-only, where there is no JupyterLab: VS Code, Colab, a notebook's own output.

`nb2prod.widget("churn.ipynb")` is a set of tabs; a button looks again. Everything is text: what comes from the notebook
is escaped.
"""

from nb2prod.widgets.widget import widget

__all__ = ["widget"]
