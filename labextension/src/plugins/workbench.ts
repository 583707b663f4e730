import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Workbench } from '../bench';
import { IWorkbench } from '../tokens';

/** The state that all other surfaces show. */
export const workbench: JupyterFrontEndPlugin<IWorkbench> = {
  id: 'nb2prod:workbench',
  description: 'What the surfaces of nb2prod share.',
  autoStart: true,
  provides: IWorkbench,
  requires: [INotebookTracker],
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, tracker: INotebookTracker, translator: ITranslator | null): IWorkbench =>
    new Workbench(app, tracker, (translator ?? nullTranslator).load('nb2prod'))
};
