// SPDX-License-Identifier: Apache-2.0
// How an offer is called, and its sign.
import {
  type Icon,
  IconArchive,
  IconArchiveOff,
  IconArrowsExchange,
  IconBolt,
  IconPencil,
  IconTag,
  IconTagOff,
  IconUser,
} from '@tabler/icons-react';
import { labelText, valueText } from '@/texts/schema';
import { labelOf } from '../field/shape';
import { commandLabel } from '../record/command';
import type { Offer } from './offers';
import { texts } from './texts';

export function offerLabel(offer: Offer): string {
  switch (offer.type) {
    case 'field':
      return offer.field.reference === 'users' && offer.field.name === 'owner'
        ? texts('assign')
        : texts('set', { field: labelText(labelOf(offer.field)) });
    case 'add':
    case 'remove':
      return texts(offer.type, { field: labelText(labelOf(offer.field)) });
    case 'command':
      return commandLabel(offer.command);
    case 'give':
      return offer.command.name === 'handover.offer'
        ? texts('give')
        : `${valueText(offer.command.name.split('.')[0] ?? '')}: ${valueText(offer.command.name.split('.')[1] ?? '')}`;
    default:
      return texts(offer.type);
  }
}

const signs: Record<Offer['type'], Icon> = {
  field: IconPencil,
  add: IconTag,
  remove: IconTagOff,
  command: IconBolt,
  give: IconArrowsExchange,
  archive: IconArchive,
  restore: IconArchiveOff,
};
export const offerSign = (offer: Offer): Icon =>
  offer.type === 'field' && offer.field.reference === 'users' ? IconUser : signs[offer.type];
