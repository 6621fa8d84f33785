// SPDX-License-Identifier: Apache-2.0
import { defineTexts } from '@/texts';

export const { texts, useTexts } = defineTexts('admin-pipelines', {
  en: {
    title: 'Pipelines',
    newPipeline: 'New pipeline',
    name: 'Name',
    stages: 'Stages of {{name}}',
    stage: 'Stage {{number}}',
    probability: 'Probability of stage {{number}}, in percent',
    addStage: 'Add a stage',
    up: 'Move {{name}} up',
    down: 'Move {{name}} down',
    remove: 'Remove {{name}}',
    isDefault: 'For new deals',
    makeDefault: 'Take it for new deals',
    save: 'Save',
    discard: 'Discard changes',
    none: 'No pipelines yet',
    noneHint:
      'A pipeline is the stages that a deal goes through, each with the chance that it is won from there.',
    kept: 'Deals keep the name of a stage that is removed; they stand outside the board until they are moved.',
    reasons: 'Reasons why a deal is lost',
    reasonsHint: 'They are the same at every node; the figures compare them.',
  },
  de: {
    title: 'Pipelines',
    newPipeline: 'Neue Pipeline',
    name: 'Name',
    stages: 'Stufen von {{name}}',
    stage: 'Stufe {{number}}',
    probability: 'Wahrscheinlichkeit von Stufe {{number}}, in Prozent',
    addStage: 'Stufe hinzufügen',
    up: '{{name}} nach oben',
    down: '{{name}} nach unten',
    remove: '{{name}} entfernen',
    isDefault: 'Für neue Verkaufschancen',
    makeDefault: 'Für neue Verkaufschancen nehmen',
    save: 'Speichern',
    discard: 'Änderungen verwerfen',
    none: 'Noch keine Pipelines',
    noneHint:
      'Eine Pipeline sind die Stufen, durch die eine Verkaufschance geht, jede mit der Aussicht auf den Abschluss.',
    kept: 'Verkaufschancen behalten den Namen einer entfernten Stufe; sie stehen neben dem Board, bis sie jemand verschiebt.',
    reasons: 'Gründe, aus denen eine Verkaufschance verloren geht',
    reasonsHint: 'Sie sind auf jedem Knoten dieselben; die Kennzahlen vergleichen sie.',
  },
});
