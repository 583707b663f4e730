import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import React from 'react';
import { DeploymentPane } from '../panels/deployment/DeploymentPane';
import { Pane } from '../panels/pane';
import { PipelinePane } from '../panels/pipeline/PipelinePane';
import { ReadinessPane } from '../panels/readiness/ReadinessPane';
import { Sidebar } from '../panels/sidebar';
import { WarningsPane } from '../panels/warnings/WarningsPane';
import { IWorkbench, PANES, type Pane as PaneName } from '../tokens';

/** Where the pane that was shown last is remembered. */
const STATE = 'nb2prod-panel:pane';

/** The panel in the right side bar. */
export const panel: JupyterFrontEndPlugin<void> = {
  id: 'nb2prod:panel',
  description: 'Warnings, pipeline, readiness and deployment of the active notebook.',
  autoStart: true,
  requires: [IWorkbench],
  optional: [ITranslator, ILayoutRestorer, ISettingRegistry, IStateDB],
  activate: (
    app: JupyterFrontEnd,
    bench: IWorkbench,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    settings: ISettingRegistry | null,
    state: IStateDB | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('nb2prod');
    const { warnings, stages, pipeline, jobs, readiness, deployment, actions } = bench;
    const props = { bench, actions };
    const panes = {
      warnings: new Pane(() => <WarningsPane {...props} />, [warnings, jobs], [], trans),
      pipeline: new Pane(() => <PipelinePane {...props} />, [pipeline, stages, jobs], [pipeline], trans),
      readiness: new Pane(() => <ReadinessPane {...props} />, [readiness], [readiness], trans),
      deployment: new Pane(() => <DeploymentPane {...props} />, [deployment, jobs], [deployment], trans)
    };
    const sidebar = new Sidebar(panes, [warnings, stages, jobs], warnings, trans);
    app.shell.add(sidebar, 'right', { rank: 600, type: 'nb2prod' });
    restorer?.add(sidebar, 'nb2prod-panel');
    bench.asked.connect((_, name) => {
      sidebar.choose(name);
      app.shell.activateById(sidebar.id);
    });
    void state?.fetch(STATE).then(name => {
      if (PANES.includes(name as PaneName)) {
        sidebar.choose(name as PaneName);
      }
      sidebar.chosen.connect((_, one) => void state.save(STATE, one));
    });
    void settings?.load(panel.id).then(loaded => {
      const take = (): void => warnings.set({ isMarking: loaded.get('underlines').composite as boolean });
      loaded.changed.connect(take);
      take();
    });
  }
};
