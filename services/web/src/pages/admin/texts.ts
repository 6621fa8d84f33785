// SPDX-License-Identifier: Apache-2.0
import { defineTexts } from '@/texts';

export const { texts, useTexts } = defineTexts('admin', {
  en: {
    nodes: 'Nodes and streams',
    audit: 'Audit',
    privacy: 'Erasure and retention',
    pipelines: 'Pipelines',
  },
  de: {
    nodes: 'Knoten und Ströme',
    audit: 'Protokoll',
    privacy: 'Löschen und Fristen',
    pipelines: 'Pipelines',
  },
});
