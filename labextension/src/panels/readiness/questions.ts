import type { TranslationBundle } from '@jupyterlab/translation';

/** What production.yaml asks of people: key → question. */
export function questionsOf(trans: TranslationBundle): [string, string][] {
  return [
    ['decision', trans.__('Which decision does the model support?')],
    ['owner.name', trans.__('Who owns it after release?')],
    ['owner.contact', trans.__('How are they reached?')],
    ['owner.escalation', trans.__('Who is next, when they do not answer?')],
    ['schedule', trans.__('When does it run?')],
    ['failure', trans.__('What does failure look like in operation?')],
    ['retrain', trans.__('When is it retrained?')],
    ['retire', trans.__('When is it retired?')],
    ['oversight', trans.__('Which person can stop or overrule it?')],
    ['personal_data.legal_basis', trans.__('On which legal basis are personal data used?')],
    ['gate.metric', trans.__('Which metric must a new version improve?')]
  ];
}
