import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import type { Cell } from '@jupyterlab/cells';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { colorCells } from '../editor/colors';
import { StagePicker } from '../editor/picker';
import { IWorkbench } from '../tokens';

/** The stage picker in the cell's toolbar, and the stages' colours. */
export const stages: JupyterFrontEndPlugin<void> = {
  id: 'nb2prod:stages',
  description: 'Picks and shows the stage of a cell.',
  autoStart: true,
  requires: [IWorkbench],
  optional: [IToolbarWidgetRegistry, ITranslator],
  activate: (
    _: JupyterFrontEnd,
    bench: IWorkbench,
    toolbars: IToolbarWidgetRegistry | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('nb2prod');
    toolbars?.addFactory<Cell>('Cell', 'nb2prod-stage', cell =>
      cell.model.type === 'code' ? new StagePicker(cell, bench.stages, trans) : new Widget()
    );
    bench.stages.stateChanged.connect(() => colorCells(bench.active.panel, bench.stages));
  }
};
