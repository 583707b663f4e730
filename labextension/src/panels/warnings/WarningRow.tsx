import React from 'react';
import type { IActions } from '../../actions';
import type { IDiagnosticRecord } from '../../api/records';
import { Badge, type Mood } from '../../components/Badge';
import { Button } from '../../components/Button';
import { useWords } from '../../components/context';

const MOODS: Record<string, Mood> = { error: 'bad', warning: 'careful', info: 'plain' };

/** One warning: a click goes to its place. */
export function WarningRow({ one, actions }: { one: IDiagnosticRecord; actions: IActions }): React.ReactElement {
  const trans = useWords();
  const [isOpen, setOpen] = React.useState(false);
  return (
    <li className="jp-nb2prod-warning">
      <button type="button" className="jp-nb2prod-place" onClick={() => void actions.jump(one)}>
        <Badge mood={MOODS[one.severity] ?? 'plain'} text={one.code} />{' '}
        <span className="jp-nb2prod-line">{trans.__('line %1', one.line)}</span> {one.message}
        {one.confirmed === true && <Badge mood="bad" text={trans.__('confirmed')} />}
        {one.confirmed === false && <Badge mood="good" text={trans.__('refuted')} />}
      </button>
      {one.hint && <div className="jp-nb2prod-hint">{one.hint}</div>}
      <div className="jp-nb2prod-row">
        {one.fix && (
          <Button label={trans.__('Fix…')} title={one.fix.title} isAccented onClick={() => void actions.fix(one)} />
        )}
        <Button label={trans.__('Ignore…')} onClick={() => void actions.ignore(one)} />
        <button
          type="button"
          className="jp-nb2prod-link"
          aria-expanded={isOpen}
          onClick={() => {
            setOpen(!isOpen);
            void actions.readRule(one.code);
          }}
        >
          {trans.__('About this rule')}
        </button>
      </div>
      {isOpen && <pre className="jp-nb2prod-page">{actions.pageOf(one.code)}</pre>}
    </li>
  );
}
