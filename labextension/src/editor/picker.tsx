import { InputDialog } from '@jupyterlab/apputils';
import type { Cell } from '@jupyterlab/cells';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { isReadOnly, ROLES, roleOf, tag } from '../acts/edits';
import type { StagesModel } from '../model/stages';

const NEW = 'new';
const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,99}$/;

/** In the toolbar of a cell: which stage it opens, or what else it is for. */
export class StagePicker extends ReactWidget {
  constructor(
    private _cell: Cell,
    private _stages: StagesModel,
    private _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-nb2prod-picker');
    _cell.model.metadataChanged.connect(this.update, this);
    _stages.stateChanged.connect(this.update, this);
  }

  dispose(): void {
    this._stages.stateChanged.disconnect(this.update, this);
    super.dispose();
  }

  protected render(): React.ReactElement {
    const role = roleOf(this._cell.model);
    const number = this._stages.numberOf(this._cell.model.id);
    const inside = this._stages.cutting.stages[number]?.name;
    const none = inside ? this._trans.__('in stage %1', inside) : this._trans.__('no stage');
    const words: Record<string, string> = { report: this._trans.__('report: only shows, runs last') };
    return (
      <select
        value={role}
        aria-label={this._trans.__('Stage of this cell')}
        title={this._trans.__('Which stage this cell opens, or what it is for')}
        disabled={isReadOnly(this._cell.model)}
        onChange={event => void this._choose(event.target.value)}
      >
        <option value="">{role ? this._trans.__('no stage') : none}</option>
        {role.startsWith('stage:') && <option value={role}>{role}</option>}
        <option value={NEW}>{this._trans.__('opens a stage…')}</option>
        {ROLES.map(one => (
          <option key={one} value={one}>
            {words[one] ?? one}
          </option>
        ))}
      </select>
    );
  }

  private async _choose(value: string): Promise<void> {
    tag(this._cell.model, value === NEW ? await this._ask() : value);
    this.update();
  }

  private async _ask(): Promise<string> {
    const before = roleOf(this._cell.model);
    const answer = await InputDialog.getText({
      title: this._trans.__('Name of the stage'),
      label: this._trans.__('Letters, digits, “_” and “-”'),
      text: before.replace(/^stage:/, ''),
      pattern: NAME.source
    });
    const name = answer.value?.trim() ?? '';
    return answer.button.accept && NAME.test(name) ? `stage:${name}` : before;
  }
}
