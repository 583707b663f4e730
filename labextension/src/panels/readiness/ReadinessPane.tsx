import React from 'react';
import { Section } from '../../components/Section';
import { TroubleNote } from '../../components/TroubleNote';
import { useWords } from '../../components/context';
import type { IPaneProps } from '../warnings/WarningsPane';
import { ContractForm } from './ContractForm';
import { CriterionRow } from './CriterionRow';
import { Score } from './Score';

const ORDER = ['not_met', 'unknown', 'met'] as const;

/** The checklist with its evidence, and a form for what only people know. */
export function ReadinessPane({ bench, actions }: IPaneProps): React.ReactElement {
  const trans = useWords();
  const { readiness, active } = bench;
  if (!active.panel) {
    return <p className="jp-nb2prod-empty">{trans.__('Open a notebook to see how ready it is.')}</p>;
  }
  const titles = { not_met: trans.__('To do'), unknown: trans.__('Not seen yet'), met: trans.__('Met') };
  const found = readiness.found;
  const next = found?.criteria.find(one => one.status !== 'met');
  return (
    <>
      <TroubleNote trouble={readiness.trouble} />
      {found && <Score found={found} model={readiness} />}
      {next && (
        <p className="jp-nb2prod-next">
          <strong>{trans.__('Next:')}</strong> {next.how_to_meet || next.title}
        </p>
      )}
      {readiness.contract && readiness.contract.questions.length > 0 && (
        <Section title={trans.__('What only people know')} isOpen={false}>
          <ContractForm key={active.path} contract={readiness.contract} actions={actions} />
        </Section>
      )}
      {found &&
        ORDER.map(status => {
          const rows = found.criteria.filter(one => one.status === status);
          return (
            rows.length > 0 && (
              <Section key={status} title={`${titles[status]} (${rows.length})`}>
                <ul className="jp-nb2prod-criteria">
                  {rows.map(one => (
                    <CriterionRow key={one.id} one={one} />
                  ))}
                </ul>
              </Section>
            )
          );
        })}
    </>
  );
}
