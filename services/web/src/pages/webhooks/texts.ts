// SPDX-License-Identifier: Apache-2.0
import { defineTexts } from '@/texts';

export const { texts } = defineTexts('webhooks', {
  en: { title: 'Webhooks', deliveries: 'Deliveries' },
  de: { title: 'Webhooks', deliveries: 'Zustellungen' },
});
