import { ReactWidget } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import { type ISignal, Signal } from '@lumino/signaling';
import { Panel } from '@lumino/widgets';
import React from 'react';
import { icon } from '../icons';
import type { WatchedModel } from '../model/watched';
import type { WarningsModel } from '../model/warnings';
import { PANES, type Pane as PaneName } from '../tokens';
import type { Pane } from './pane';
import { Tabs } from './tabs';

/** Drawn anew at every update. */
class TabRow extends ReactWidget {
  constructor(private _draw: () => React.ReactElement) {
    super();
  }

  protected render(): React.ReactElement {
    return this._draw();
  }
}

/** The panel in the side bar: tabs above, one pane below. */
export class Sidebar extends Panel {
  constructor(
    private _panes: Record<PaneName, Pane>,
    private _always: WatchedModel[],
    warnings: WarningsModel,
    trans: TranslationBundle
  ) {
    super();
    this.id = 'nb2prod-panel';
    this.title.icon = icon;
    this.title.caption = trans.__('nb2prod: from notebook to production');
    this.addClass('jp-nb2prod-panel');
    this.node.setAttribute('aria-label', trans.__('nb2prod'));
    this.node.setAttribute('role', 'region');
    const labels: Record<PaneName, string> = {
      warnings: trans.__('Warnings'),
      pipeline: trans.__('Pipeline'),
      readiness: trans.__('Readiness'),
      deployment: trans.__('Deployment')
    };
    this._tabs = new TabRow(() => (
      <Tabs
        tabs={PANES.map(id => ({ id, label: labels[id], count: id === 'warnings' ? warnings.diagnostics.length : 0 }))}
        current={this._current}
        label={trans.__('nb2prod')}
        onChoose={id => this.choose(id as PaneName)}
      />
    ));
    this.addWidget(this._tabs);
    for (const id of PANES) {
      _panes[id].id = `jp-nb2prod-pane-${id}`;
      _panes[id].node.setAttribute('aria-labelledby', `jp-nb2prod-tab-${id}`);
      this.addWidget(_panes[id]);
    }
    warnings.stateChanged.connect(() => this.isVisible && this._tabs.update());
    this.choose('warnings');
  }

  /** Show a pane. */
  choose(name: PaneName): void {
    this._current = name;
    PANES.forEach(id => this._panes[id].setHidden(id !== name));
    this._tabs.update();
    this._chosen.emit(name);
  }

  /** Another pane is shown. */
  get chosen(): ISignal<this, PaneName> {
    return this._chosen;
  }

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._always.forEach(model => model.watch(true));
    this._tabs.update();
  }

  protected onBeforeHide(message: Message): void {
    super.onBeforeHide(message);
    this._always.forEach(model => model.watch(false));
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._always.forEach(model => model.watch(this.isVisible));
  }

  private _chosen = new Signal<this, PaneName>(this);
  private _current: PaneName = 'warnings';
  private _tabs: TabRow;
}
