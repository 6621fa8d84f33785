// SPDX-License-Identifier: Apache-2.0
import { defineTexts } from '@/texts';

export const { texts, useTexts } = defineTexts('records', {
  en: {
    all: 'All kinds of records',
    hint: 'Each kind has a list, a page and a form, drawn from its fields.',
    customers: 'Customers',
    deals: 'Deals',
    tickets: 'Tickets',
    campaigns: 'Campaigns',
    segments: 'Segments',
    tasks: 'Tasks',
    handovers: 'Hand-overs',
    products: 'Products',
    fields_one: '{{count}} field',
    fields_other: '{{count}} fields',
    shared: 'All departments',
    inner: 'Kept by Liaison',
  },
  de: {
    all: 'Alle Arten von Datensätzen',
    hint: 'Jede Art hat Liste, Seite und Formular, gezeichnet aus ihren Feldern.',
    customers: 'Kunden',
    deals: 'Verkaufschancen',
    tickets: 'Tickets',
    campaigns: 'Kampagnen',
    segments: 'Segmente',
    tasks: 'Aufgaben',
    handovers: 'Übergaben',
    products: 'Produkte',
    fields_one: '{{count}} Feld',
    fields_other: '{{count}} Felder',
    shared: 'Alle Abteilungen',
    inner: 'Von Liaison geführt',
  },
});
