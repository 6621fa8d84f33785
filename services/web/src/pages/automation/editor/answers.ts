// SPDX-License-Identifier: Apache-2.0
// What steps above were answered, for the inputs of a step: as values of texts, and as fields of conditions.
import { createContext, useContext } from 'react';
import type { Field, Kind } from '@/api/kinds';
import type { Hole } from './holes';
import type { Answer, AnswerType } from './plan';
import { texts } from './texts';

const Answers = createContext<readonly Answer[]>([]);
export const AnswersAbove = Answers.Provider;
export const useAnswers = () => useContext(Answers);

const types: Record<AnswerType, Pick<Field, 'type' | 'meaning'>> = {
  text: { type: 'text' },
  whole: { type: 'int' },
  decimal: { type: 'int', meaning: 'decimal' },
  truth: { type: 'bool' },
  instant: { type: 'int', meaning: 'instant' },
};

export const answerLabel = (name: string) => texts('answerOf', { name });

export const holesOfAnswers = (answers: readonly Answer[]): Hole[] =>
  answers.map(({ name }) => ({ text: `{{http.${name}}}`, label: answerLabel(name) }));

/** The kind as conditions of the step see it. */
export const withAnswers = (kind: Kind, answers: readonly Answer[]): Kind =>
  answers.length === 0
    ? kind
    : {
        ...kind,
        fields: [
          ...kind.fields,
          ...answers.map(
            ({ name, type, scale = 0 }): Field =>
              ({ name: `http.${name}`, label: answerLabel(name), scale, ...types[type] }) as Field,
          ),
        ],
      };
