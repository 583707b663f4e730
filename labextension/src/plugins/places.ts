import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILauncher } from '@jupyterlab/launcher';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Commands } from '../commands';
import { icon } from '../icons';
import { IWorkbench } from '../tokens';

/**
 * In the context menu of notebooks in the file browser. It uses the browser's own command: to ask for the file browser
 * would start it where Notebook 7 has none.
 */
export const fileBrowser: JupyterFrontEndPlugin<void> = {
  id: 'nb2prod:file-browser',
  description: 'Opens a notebook with its pipeline.',
  autoStart: true,
  requires: [IWorkbench],
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, bench: IWorkbench, translator: ITranslator | null): void => {
    const trans = (translator ?? nullTranslator).load('nb2prod');
    app.commands.addCommand(Commands.openFile, {
      label: trans.__('Open with Its Pipeline'),
      describedBy: { args: { type: 'object', properties: {} } },
      icon,
      execute: async () => {
        await app.commands.execute('filebrowser:open');
        bench.show('pipeline');
      }
    });
  }
};

/** In JupyterLab's launcher. To name it as a need would start it, and the file browser with it, on Notebook 7's pages. */
export const launcher: JupyterFrontEndPlugin<void> = {
  id: 'nb2prod:launcher',
  description: 'Shows the panel from the launcher.',
  autoStart: true,
  requires: [IWorkbench],
  activate: (app: JupyterFrontEnd): void => {
    if (app.name === 'JupyterLab') {
      void app
        .resolveOptionalService(ILauncher)
        .then(found => found?.add({ command: Commands.pipeline, category: 'Other', rank: 50 }));
    }
  }
};
