import { nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

/** The words of the user's language. */
export const Words = React.createContext<TranslationBundle>(nullTranslator.load('nb2prod'));

/** The words of the user's language. */
export const useWords = (): TranslationBundle => React.useContext(Words);
