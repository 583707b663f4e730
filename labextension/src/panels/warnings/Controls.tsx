import React from 'react';
import { useWords } from '../../components/context';
import type { Grouping, WarningsModel } from '../../model/warnings';

/** Filter, grouping, and the switch of the underlines. */
export function Controls({ model }: { model: WarningsModel }): React.ReactElement {
  const trans = useWords();
  return (
    <div className="jp-nb2prod-controls">
      <input
        className="jp-mod-styled"
        type="search"
        value={model.filter}
        placeholder={trans.__('Filter by rule, word or severity')}
        aria-label={trans.__('Filter the warnings')}
        onChange={event => model.set({ filter: event.target.value })}
      />
      <div className="jp-nb2prod-row">
        <label>
          {trans.__('Group by')}{' '}
          <select
            className="jp-mod-styled"
            value={model.grouping}
            onChange={event => model.set({ grouping: event.target.value as Grouping })}
          >
            <option value="cell">{trans.__('cell')}</option>
            <option value="rule">{trans.__('rule')}</option>
          </select>
        </label>
        <label>
          <input
            type="checkbox"
            checked={model.isMarking}
            onChange={event => model.set({ isMarking: event.target.checked })}
          />{' '}
          {trans.__('Underline in the editor')}
        </label>
      </div>
    </div>
  );
}
