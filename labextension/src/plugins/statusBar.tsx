import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';
import { IWorkbench } from '../tokens';

/** One line: what is at work, or how many warnings there are. */
class Status extends ReactWidget {
  constructor(
    private _bench: IWorkbench,
    private _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-nb2prod-status');
    _bench.warnings.stateChanged.connect(() => this.isVisible && this.update());
    _bench.jobs.stateChanged.connect(() => this.isVisible && this.update());
  }

  protected render(): React.ReactElement {
    const { warnings, jobs } = this._bench;
    const job = jobs.running;
    const count = warnings.diagnostics.length;
    const text = job
      ? this._trans.__('nb2prod: %1 %2', job.verb, job.progress.phase)
      : this._trans._n('nb2prod: %1 warning', 'nb2prod: %1 warnings', count);
    return (
      <button type="button" onClick={() => this._bench.show(job ? 'pipeline' : 'warnings')}>
        {text}
      </button>
    );
  }
}

/** In the status bar, where there is one. */
export const statusBar: JupyterFrontEndPlugin<void> = {
  id: 'nb2prod:status-bar',
  description: 'Says in the status bar what is at work.',
  autoStart: true,
  requires: [IWorkbench],
  optional: [IStatusBar, ITranslator],
  activate: (_: JupyterFrontEnd, bench: IWorkbench, bar: IStatusBar | null, translator: ITranslator | null): void => {
    const trans = (translator ?? nullTranslator).load('nb2prod');
    bar?.registerStatusItem('nb2prod:status', {
      item: new Status(bench, trans),
      align: 'right',
      rank: 200,
      isActive: () => bench.warnings.isKnown || bench.jobs.running !== null,
      activeStateChanged: bench.warnings.stateChanged
    });
  }
};
