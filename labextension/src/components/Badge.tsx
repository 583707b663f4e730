import React from 'react';

export type Mood = 'good' | 'bad' | 'careful' | 'plain';

const SIGNS: Record<Mood, string> = { good: '✓', bad: '✕', careful: '!', plain: '' };

/** A word with a sign: colour alone says nothing. */
export function Badge({ mood, text }: { mood: Mood; text: string }): React.ReactElement {
  return (
    <span className={`jp-nb2prod-badge jp-nb2prod-${mood}`}>
      {SIGNS[mood] && <span aria-hidden="true">{SIGNS[mood]} </span>}
      {text}
    </span>
  );
}

/** How a verdict feels. */
export function moodOf(verdict: string): Mood {
  if (verdict === 'same' || verdict === 'same when seeded') {
    return 'good';
  }
  return verdict === 'different' ? 'bad' : 'careful';
}
