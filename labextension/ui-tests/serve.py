"""JupyterLab for the stories: `python serve.py FOLDER PORT [lab|notebook]`, in a project of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from project import make

folder, port, app = Path(sys.argv[1]), sys.argv[2], (sys.argv[3:] or ["lab"])[0]
make(folder)
home = folder.parent / f"{folder.name}-home"
settings = {
    "JUPYTER_CONFIG_DIR": str(home / "config"),
    "JUPYTER_DATA_DIR": str(home / "data"),
    "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
    "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
    "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
    "DVC_GLOBAL_CONFIG_DIR": str(home / "dvc"),
    "DVC_NO_ANALYTICS": "1",
}
if path := os.environ.get("NB2PROD_SERVER_PATH"):
    settings["PATH"] = path
news = home / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
news.parent.mkdir(parents=True, exist_ok=True)
news.write_text('{"fetchNews": "false"}')
options = [
    f"--ServerApp.root_dir={folder}",
    f"--ServerApp.port={port}",
    "--ServerApp.port_retries=0",
    "--ServerApp.open_browser=False",
    "--IdentityProvider.token=story",
    "--LabApp.expose_app_in_browser=True",
    "--JupyterNotebookApp.expose_app_in_browser=True",
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--allow-root",
]
module = "jupyterlab" if app == "lab" else "notebook"
os.execvpe(sys.executable, [sys.executable, "-m", module, *options], os.environ | settings)
