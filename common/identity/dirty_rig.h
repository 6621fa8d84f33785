/* SPDX-License-Identifier: Apache-2.0 */
/* dirty_rig - test support: customer records as departments really have them, with known truth. A
 * base of people and organizations of several languages is made from a seed; each is recorded one
 * to four times, with misspelt, swapped, shortened and missing parts, and with mailboxes and phones
 * that families and companies share. People of one name are there because common names are. */
#ifndef LIA_IDENTITY_DIRTY_RIG_H
#define LIA_IDENTITY_DIRTY_RIG_H

#include <stdio.h>

#include "common/base/time.h"
#include "common/identity/normal.h"
#include "common/node/fields.h"
#include "proto/crm.pb-c.h"
#include "tests/support/test.h"

#define DIRTY_TEXT 96

/* What is true of one person or organization. */
typedef struct dirty_truth {
    unsigned tongue;
    bool organization, colleague;
    char given[DIRTY_TEXT], family[DIRTY_TEXT], email[DIRTY_TEXT], phone[32], mobile[32];
    char street[DIRTY_TEXT], postcode[16], city[32], number[32], handle[DIRTY_TEXT], host[36];
    int64_t birthday_ms;
    bool family_email; /* shared with the household */
} dirty_truth;

typedef struct dirty_record {
    Crm__Customer *customer;
    uint32_t truth; /* whom it is about */
} dirty_record;

typedef struct dirty_base {
    lia_dice dice;
    lia_arena *arena;
    dirty_truth *truths;
    size_t truth_count;
    dirty_record *records;
    size_t record_count;
} dirty_base;

/* Names by tongue: common first, since ranks are drawn by Zipf's law. Family names beyond the list
 * are put together from two parts. */
static const struct dirty_tongue {
    const char *country, *code, *area;
    const char *given, *family, *heads, *tails, *cities, *street;
} dirty_tongues[] = {
    {"DE", "+49", "30",
     "Anna Peter Michael Thomas Andrea Sabine Stefan Jürgen Ursula Jörg Katharina Lukas Daniel "
     "Daniela Christian Christina Karin Uwe Günther Renate Björn Anke Heike Ralf Dirk Silke Martin "
     "Martina Jan Lena Paul Paula",
     "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch "
     "Bauer Richter Groß Köhler",
     "Alten Berg Burg Eber Eich Feld Gold Grün Hasel Hohen Kalt Linden Mühl Neu Ober Rosen Sand "
     "Stein Wald Winter Brück Dorn",
     "mann bach berger stein feld hofer wald müller horst beck kamp haus brecht rieder städter",
     "Berlin Hamburg München Köln Dresden Ulm", "straße"},
    {"GB", "+44", "20",
     "James Mary John Patricia Robert Jennifer William Linda Elizabeth David Susan Richard Jessica "
     "Thomas "
     "Sarah Charles Karen Emma Olivia Oliver George Amelia Harry Alice Jack Grace Edward Simon "
     "Ruth Neil",
     "Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Robinson Wright Thompson Evans "
     "Walker White O'Brien",
     "Ash Black Brad Chester Clay East Fair Green Hart Hath Kings Lang Mar Nor Oak Raven Red Stan "
     "Thorn Wether Whit Wood",
     "ford ley ton wood field worth by ham er well bury shaw croft gate man",
     "London Leeds Bristol York Bath Derby", " Street"},
    {"FR", "+33", "1",
     "Jean Marie Pierre Nathalie Michel Isabelle André Sylvie Philippe Catherine René Françoise "
     "Louis Hélène "
     "François Chloé Léa Hugo Éric Céline Benoît Aurélie Gérard Élodie",
     "Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Lefèvre Fournier",
     "Beau Belle Bois Chante Champ Clair Cour Des Fon Gran Haute La Mont Neuf Pré Roche Saint Val "
     "Ville Rive",
     "mont champs court lier geon pierre tier vin rand net reau ville don",
     "Paris Lyon Nantes Lille Nice Rennes", " avenue"},
    {"PL", "+48", "22",
     "Anna Piotr Maria Krzysztof Katarzyna Andrzej Małgorzata Tomasz Agnieszka Paweł Łukasz Ewa "
     "Michał Zofia Jakub Wojciech Grażyna Stanisław",
     "Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Szymański Woźniak",
     "Bor Czar Dąb Gór Jab Kal Lip Mal Now Olsz Piotr Rad Sos Tar Wit Zaw Brzez",
     "owski necki iński czak ecki arz czyk ewicz niak ak",
     "Warszawa Kraków Gdańsk Łódź Poznań Lublin", " ulica"},
    {"TR", "+90", "212",
     "Mehmet Fatma Mustafa Ayşe Ahmet Emine Ali Hatice Hüseyin Zeynep İbrahim Elif Ömer Şule Çağla "
     "Gökhan",
     "Yılmaz Kaya Demir Şahin Çelik Yıldız Yıldırım Öztürk Aydın Özdemir",
     "Ak Kara Demir Er Gül Kır Öz Sarı Taş Yeşil Boz Altın",
     "oğlu taş kaya er soy can baş tekin demir çe", "Ankara İzmir Bursa Adana Konya Mersin",
     " caddesi"},
    {"ES", "+34", "91",
     "María Antonio Carmen José Ana Manuel Isabel Francisco Laura David Cristina Javier Lucía "
     "Daniel Elena Sergio Íñigo Álvaro",
     "García González Rodríguez Fernández López Martínez Sánchez Pérez Gómez Martín Jiménez Ruiz "
     "Núñez",
     "Al Bena Cala Castel Fuente Mira Monte Pala Que Riba Sal Torre Valle Villa",
     "verde mayor flores nueva bosa legre vides blanca monte rada jos dar",
     "Madrid Sevilla Bilbao Valencia Toledo Vigo", " calle"},
    {"RU", "+7", "495",
     "Анна Иван Мария Алексей Ольга Сергей Елена Дмитрий Наталья Андрей Юлия Павел",
     "Иванов Смирнов Кузнецов Попов Васильев Петров Соколов Михайлов Новиков",
     "Бел Вол Гор Дуб Жук Зим Кар Лог Мор Орл Раз Сав Тим Чер Щер",
     "ков инов енко ский цов ин укин еев ов атов", "Москва Казань Самара Омск Пермь Тула",
     " улица"},
    {"VN", "+84", "24",
     "Anh Minh Hương Linh Tuấn Hùng Lan Phương Dũng Thảo Quang Hà Trang Nam Đức Hải",
     "Nguyễn Trần Lê Phạm Hoàng Phan Vũ Đặng Bùi Đỗ",
     "Thị Văn Ngọc Minh Hữu Đình Quốc Kim Thanh Xuân",
     " Nguyễn, Trần, Lê, Phạm, Hồ, Ngô, Dương, Lý", "Hanoi Hue Dalat Vinh Saigon Haiphong", " phố"},
};
#define DIRTY_TONGUES LIA_COUNT(dirty_tongues)

/* ---- dice ----------------------------------------------------------------------------------- */

static inline size_t dirty_below(dirty_base *base, size_t bound)
{
    return (size_t)lia_dice_below(&base->dice, bound);
}
static inline bool dirty_chance(dirty_base *base, unsigned permille)
{
    return dirty_below(base, 1000) < permille;
}

/* The n-th word of a list, NUL-terminated. */
static inline void dirty_word(const char *list, size_t n, char *out, size_t size)
{
    for (; n; n--) list = strchr(list, ' ') + 1;
    snprintf(out, size, "%.*s", (int)strcspn(list, " "), list);
}
static inline size_t dirty_words(const char *list)
{
    size_t count = 1;
    for (; *list; list++) count += *list == ' ';
    return count;
}

/* A rank by Zipf's law, roughly: the product of two draws favours small ones. */
static inline void dirty_common(dirty_base *base, const char *list, char *out)
{
    size_t count = dirty_words(list);
    dirty_word(list, dirty_below(base, count) * dirty_below(base, count + 1) / count, out,
               DIRTY_TEXT);
}
static inline void dirty_any(dirty_base *base, const char *list, char *out, size_t size)
{
    dirty_word(list, dirty_below(base, dirty_words(list)), out, size);
}

/* ---- truth ---------------------------------------------------------------------------------- */

static inline void dirty_family(dirty_base *base, const struct dirty_tongue *tongue, char *out)
{
    char head[32], tail[32];
    if (dirty_chance(base, 300)) {
        dirty_common(base, tongue->family, out);
        return;
    }
    dirty_any(base, tongue->heads, head, sizeof head);
    dirty_any(base, tongue->tails, tail, sizeof tail);
    tail[strcspn(tail, ",")] = 0;
    snprintf(out, DIRTY_TEXT, "%s%s%s", head, *tail >= 'A' && *tail <= 'Z' ? " " : "", tail);
}

/* Letters of a name that can stand in an address. */
static inline void dirty_ascii(const char *text, char *out, size_t size)
{
    lia_arena arena = {0};
    CHECK_OK(lia_arena_init(&arena, 1 << 16));
    lia_span folded = lia_text_normal(lia_span_text(text), &arena);
    size_t used = 0;
    for (size_t i = 0; i < folded.size && used + 1 < size; i++)
        if (folded.data[i] >= 'a' && folded.data[i] <= 'z') out[used++] = (char)folded.data[i];
    if (!used && size > 8)
        used = (size_t)snprintf(out, size, "u%u",
                                folded.data[1] * 256u + folded.data[folded.size - 1]);
    out[used] = 0;
    lia_arena_fini(&arena);
}

static inline void dirty_email(dirty_base *base, const dirty_truth *truth, bool family, char *out)
{
    static const char providers[] =
        "gmail.com gmx.net outlook.com yahoo.com icloud.com web.example mail.example post.example";
    char given[24], name[24], provider[24];
    dirty_ascii(truth->given, given, sizeof given);
    dirty_ascii(truth->family, name, sizeof name);
    dirty_any(base, providers, provider, sizeof provider);
    /* Mailboxes have one owner: the number tells people of one name apart. */
    unsigned salt = (unsigned)(truth - base->truths) % 1000 * 10 + (unsigned)dirty_below(base, 10);
    if (family)
        snprintf(out, DIRTY_TEXT, "familie.%s%u@%s", name, salt, provider);
    else if (dirty_chance(base, 500))
        snprintf(out, DIRTY_TEXT, "%s.%s%u@%s", given, name, salt, provider);
    else
        snprintf(out, DIRTY_TEXT, "%c%s%u@%s", given[0], name, salt, provider);
}

static inline void dirty_phone(dirty_base *base, const struct dirty_tongue *tongue, char *out)
{
    snprintf(out, 32, "%s%s%07zu", tongue->code, tongue->area,
             1000000 + dirty_below(base, 8999999));
}

static inline void dirty_address(dirty_base *base, const struct dirty_tongue *tongue,
                                 dirty_truth *out)
{
    char head[32];
    dirty_any(base, tongue->heads, head, sizeof head);
    snprintf(out->street, DIRTY_TEXT, "%s%s %zu", head, tongue->street, 1 + dirty_below(base, 150));
    size_t city = dirty_below(base, dirty_words(tongue->cities));
    dirty_word(tongue->cities, city, out->city, sizeof out->city);
    snprintf(out->postcode, sizeof out->postcode, "%05zu",
             10000 + city * 13000 + dirty_below(base, 200));
}

static inline void dirty_person(dirty_base *base, dirty_truth *out)
{
    const struct dirty_tongue *tongue = &dirty_tongues[out->tongue];
    dirty_any(base, tongue->given, out->given, sizeof out->given);
    dirty_family(base, tongue, out->family);
    if (dirty_chance(base, 150)) { /* a second given name */
        char second[DIRTY_TEXT / 2];
        dirty_any(base, tongue->given, second, sizeof second);
        size_t used = strlen(out->given);
        snprintf(out->given + used, DIRTY_TEXT - used, " %s", second);
    }
    dirty_address(base, tongue, out);
    dirty_phone(base, tongue, out->phone);
    dirty_phone(base, tongue, out->mobile);
    dirty_email(base, out, false, out->email);
    snprintf(out->number, sizeof out->number, "erp:%07zu", dirty_below(base, 10000000));
    char name[40];
    dirty_ascii(out->family, name, sizeof name);
    snprintf(out->handle, DIRTY_TEXT, "%s%zu", name, dirty_below(base, 100000));
    out->birthday_ms = ((int64_t)dirty_below(base, 22000) - 7000) * LIA_DAY_MS;
}

/* Is somebody of the household, which stands in front of `out`, called by the same name? */
static inline bool dirty_is_taken(const dirty_base *base, const dirty_truth *out)
{
    size_t called = strcspn(out->given, " ");
    for (const dirty_truth *other = out;
         other-- > base->truths && !other->organization && !other->colleague;) {
        if (strcmp(other->street, (out - 1)->street) != 0) return false;
        if (strcspn(other->given, " ") == called && strncmp(other->given, out->given, called) == 0)
            return true;
    }
    return false;
}

/* Somebody of the same household: family name, address and landline, often the mailbox, are those
 * of the first; of five hundred one is called like the other (father and son). */
static inline void dirty_relative(dirty_base *base, const dirty_truth *first, dirty_truth *out)
{
    out->tongue = first->tongue;
    do dirty_person(base, out);
    while (dirty_is_taken(base, out));
    memcpy(out->family, first->family, sizeof out->family);
    memcpy(out->street, first->street, sizeof out->street);
    memcpy(out->postcode, first->postcode, sizeof out->postcode);
    memcpy(out->city, first->city, sizeof out->city);
    memcpy(out->phone, first->phone, sizeof out->phone);
    if (dirty_chance(base, 2)) memcpy(out->given, first->given, sizeof out->given);
    dirty_email(base, out, false, out->email);
    if (first->family_email && dirty_chance(base, 700)) {
        memcpy(out->email, first->email, sizeof out->email);
        out->family_email = true;
    }
}

/* Colleagues: address, switchboard and mail domain are the company's, sometimes the mailbox too. */
static inline void dirty_colleague(dirty_base *base, const dirty_truth *company, dirty_truth *out)
{
    out->tongue =
        dirty_chance(base, 800) ? company->tongue : (unsigned)dirty_below(base, DIRTY_TONGUES);
    dirty_person(base, out);
    out->colleague = true;
    memcpy(out->street, company->street, sizeof out->street);
    memcpy(out->postcode, company->postcode, sizeof out->postcode);
    memcpy(out->city, company->city, sizeof out->city);
    memcpy(out->phone, company->phone, sizeof out->phone);
    char given[24], name[24];
    dirty_ascii(out->given, given, sizeof given);
    dirty_ascii(out->family, name, sizeof name);
    snprintf(out->email, DIRTY_TEXT, "%s.%s@%s", given, name, company->host);
    for (const dirty_truth *other = company + 1; other < out;
         other++) /* mailboxes have one owner */
        if (strcmp(other->email, out->email) == 0)
            snprintf(out->email, DIRTY_TEXT, "%s.%s%u@%s", given, name, (unsigned)(out - company),
                     company->host);
    if (dirty_chance(base, 50)) memcpy(out->email, company->email, sizeof out->email);
}

static inline void dirty_company(dirty_base *base, dirty_truth *out)
{
    static const char trades[] =
        "Software Logistik Foods Bau Trading Energy Media Textil Consulting Pharma Print Robotics";
    static const char forms[] = "GmbH Ltd SARL S.A. AG Inc. KG";
    const struct dirty_tongue *tongue = &dirty_tongues[out->tongue];
    char trade[32], form[16], name[20];
    out->organization = true;
    dirty_family(base, tongue, out->family);
    dirty_any(base, trades, trade, sizeof trade);
    dirty_any(base, forms, form, sizeof form);
    dirty_ascii(out->family, name, sizeof name);
    size_t used = strlen(out->family);
    snprintf(out->family + used, DIRTY_TEXT - used, " %s %s", trade, form);
    snprintf(out->host, sizeof out->host, "%s%u.example", name, (unsigned)dirty_below(base, 10000));
    snprintf(out->email, DIRTY_TEXT, "info@%s", out->host);
    dirty_address(base, tongue, out);
    dirty_phone(base, tongue, out->phone);
    dirty_phone(base, tongue, out->mobile);
    snprintf(out->number, sizeof out->number, "erp:%07zu", dirty_below(base, 10000000));
}

static inline bool dirty_is_at_home(const dirty_truth *truth)
{
    return !truth->organization && !truth->colleague;
}

/* One base entity, related to those before it as chance will have it. */
static inline void dirty_entity(dirty_base *base, size_t at, size_t *company, size_t *left)
{
    dirty_truth *out = &base->truths[at];
    *out = (dirty_truth){.tongue = (unsigned)dirty_below(base, DIRTY_TONGUES)};
    if (*left) {
        --*left;
        dirty_colleague(base, &base->truths[*company], out);
    } else if (dirty_chance(base, 40)) {
        dirty_company(base, out);
        *company = at;
        *left = dirty_chance(base, 50) ? 60 + dirty_below(base, 60) : dirty_below(base, 12);
    } else if (at && dirty_is_at_home(&base->truths[at - 1]) && dirty_chance(base, 250)) {
        dirty_relative(base, &base->truths[at - 1], out);
    } else {
        dirty_person(base, out);
        out->family_email = dirty_chance(base, 200);
        if (out->family_email) dirty_email(base, out, true, out->email);
    }
}

/* ---- dirt ----------------------------------------------------------------------------------- */

static inline char *dirty_keep(dirty_base *base, const char *text)
{
    return (char *)(uintptr_t)lia_arena_copy(base->arena, lia_span_text(text)).data;
}

/* One slip of the pen in an ASCII stretch: two letters swapped, one lost, doubled or replaced. */
static inline void dirty_slip(dirty_base *base, char *text)
{
    size_t size = strlen(text);
    if (size < 4 || size + 2 > DIRTY_TEXT) return;
    size_t at = 1 + dirty_below(base, size - 2);
    if ((text[at] & 0x80) || (text[at + 1] & 0x80) || text[at] == ' ' || text[at + 1] == ' ')
        return;
    switch (dirty_below(base, 4)) {
    case 0: {
        char keep = text[at];
        text[at] = text[at + 1];
        text[at + 1] = keep;
        break;
    }
    case 1:
        memmove(text + at, text + at + 1, size - at);
        break;
    case 2:
        memmove(text + at + 1, text + at, size - at + 1);
        break;
    default:
        text[at] = (char)('a' + dirty_below(base, 26));
    }
}

/* Accents lost, or umlauts spelt out. */
static inline void dirty_plain(dirty_base *base, char *text)
{
    static const char *const spelt[][2] = {{"ä", "ae"}, {"ö", "oe"}, {"ü", "ue"}, {"ß", "ss"},
                                           {"é", "e"},  {"ł", "l"},  {"ş", "s"},  {"ñ", "n"}};
    for (size_t i = 0; i < LIA_COUNT(spelt); i++) {
        char *at = strstr(text, spelt[i][0]);
        if (!at) continue;
        size_t old = strlen(spelt[i][0]), new = strlen(spelt[i][1]);
        memmove(at + new, at + old, strlen(at + old) + 1);
        memcpy(at, spelt[i][1], new);
    }
    (void)base;
}

static inline void dirty_name(dirty_base *base, const dirty_truth *truth, Crm__Customer *out)
{
    char given[DIRTY_TEXT], family[DIRTY_TEXT], full[3 * DIRTY_TEXT];
    memcpy(given, truth->given, sizeof given);
    memcpy(family, truth->family, sizeof family);
    if (dirty_chance(base, 60)) dirty_slip(base, given);
    if (dirty_chance(base, 70)) dirty_slip(base, family);
    if (dirty_chance(base, 120)) dirty_plain(base, given);
    if (dirty_chance(base, 120)) dirty_plain(base, family);
    if (strchr(given, ' ') && dirty_chance(base, 500)) *strchr(given, ' ') = 0;
    if (dirty_chance(base, 30) && !(given[0] & 0x80)) memcpy(given + 1, ".", 2);
    if (truth->organization) {
        if (dirty_chance(base, 400)) *strrchr(family, ' ') = 0; /* without its legal form */
        out->name = dirty_keep(base, family);
        return;
    }
    if (dirty_chance(base, 600)) {
        bool swapped = dirty_chance(base, 30);
        out->given_name = dirty_keep(base, swapped ? family : given);
        out->family_name = dirty_keep(base, swapped ? given : family);
    }
    static const char *const shapes[] = {"%s %s", "Dr. %s %s", "%s  %s"};
    if (dirty_chance(base, 60))
        snprintf(full, sizeof full, "%s, %s", family, given);
    else if (dirty_chance(base, 60))
        snprintf(full, sizeof full, "%s %s", family, given);
    else
        snprintf(full, sizeof full, shapes[dirty_chance(base, 50) ? dirty_below(base, 3) : 0],
                 given, family);
    out->name = dirty_keep(base, full);
}

static inline void dirty_add_email(dirty_base *base, const dirty_truth *truth, bool newest,
                                   Crm__Customer *out)
{
    char text[DIRTY_TEXT + 8];
    snprintf(text, sizeof text, "%s", truth->email);
    bool other = !newest && !truth->organization && !truth->family_email && dirty_chance(base, 100);
    if (other) dirty_email(base, truth, false, text);
    if (!other && strstr(text, "@gmail.com") && dirty_chance(base, 200))
        snprintf(strchr(text, '@'), 24, "+shop@googlemail.com");
    if (dirty_chance(base, 150) && text[0] >= 'a') text[0] = (char)(text[0] - 32);
    bool slipped = dirty_chance(base, 20);
    if (slipped) dirty_slip(base, text);
    Crm__Email *email = lia_arena_take(base->arena, sizeof *email);
    crm__email__init(email);
    email->value = dirty_keep(base, text);
    LIA_SET(email, verified, !slipped && dirty_chance(base, 500));
    out->emails = lia_arena_take(base->arena, sizeof *out->emails);
    out->emails[0] = email;
    out->n_emails = 1;
}

static inline void dirty_add_phone(dirty_base *base, const dirty_truth *truth, const char *number,
                                   Crm__Customer *out)
{
    const struct dirty_tongue *tongue = &dirty_tongues[truth->tongue];
    char text[64], fresh[32];
    if (dirty_chance(base, 50)) {
        dirty_phone(base, tongue, fresh);
        number = fresh;
    }
    size_t code = strlen(tongue->code);
    bool zero = strcmp(tongue->country, "PL") != 0 && strcmp(tongue->country, "ES") != 0;
    const char *trunk = strcmp(tongue->country, "RU") == 0 ? "8" : zero ? "0" : "";
    bool abroad = strncmp(number, tongue->code, code) != 0; /* a colleague's, of another country */
    switch (abroad ? 0 : dirty_below(base, 4)) {
    case 0:
        snprintf(text, sizeof text, "%s", number);
        break;
    case 1:
        snprintf(text, sizeof text, "00%s / %s", number + 1, "");
        break;
    case 2:
        snprintf(text, sizeof text, "%s%.2s %s", trunk, number + code, number + code + 2);
        break;
    default:
        snprintf(text, sizeof text, "(%s%.2s) %.3s-%s", trunk, number + code, number + code + 2,
                 number + code + 5);
    }
    if (strcmp(tongue->country, "RU") == 0) snprintf(text, sizeof text, "%s", number);
    Crm__Phone *phone = lia_arena_take(base->arena, sizeof *phone);
    crm__phone__init(phone);
    phone->value = dirty_keep(base, text);
    if (!out->n_phones) out->phones = lia_arena_take(base->arena, 2 * sizeof *out->phones);
    out->phones[out->n_phones++] = phone;
}

static inline void dirty_add_address(dirty_base *base, const dirty_truth *truth, Crm__Customer *out)
{
    dirty_truth moved = *truth;
    if (dirty_chance(base, 80)) dirty_address(base, &dirty_tongues[truth->tongue], &moved);
    if (dirty_chance(base, 60)) dirty_slip(base, moved.street);
    if (dirty_chance(base, 150)) dirty_plain(base, moved.street);
    Crm__Address *address = lia_arena_take(base->arena, sizeof *address);
    crm__address__init(address);
    address->label = "home";
    if (dirty_chance(base, 850)) address->street = dirty_keep(base, moved.street);
    if (dirty_chance(base, 850)) address->postcode = dirty_keep(base, moved.postcode);
    address->city = dirty_keep(base, moved.city);
    out->addresses = lia_arena_take(base->arena, sizeof *out->addresses);
    out->addresses[0] = address;
    out->n_addresses = 1;
}

static inline void dirty_add_facts(dirty_base *base, const dirty_truth *truth, Crm__Customer *out)
{
    if (dirty_chance(base, 150)) {
        Crm__ExternalId *number = lia_arena_take(base->arena, sizeof *number);
        crm__external_id__init(number);
        number->value = dirty_keep(base, truth->number);
        out->external_ids = lia_arena_take(base->arena, sizeof *out->external_ids);
        out->external_ids[0] = number;
        out->n_external_ids = 1;
    }
    if (truth->organization) {
        if (dirty_chance(base, 500)) out->website = dirty_keep(base, truth->host);
        return;
    }
    if (dirty_chance(base, 400)) {
        int64_t slip = dirty_chance(base, 20) ? (int64_t)dirty_below(base, 9) * LIA_DAY_MS : 0;
        LIA_SET(out, birthday, truth->birthday_ms + slip);
    }
    if (dirty_chance(base, 60)) {
        Crm__Handle *handle = lia_arena_take(base->arena, sizeof *handle);
        crm__handle__init(handle);
        handle->network = "instagram";
        handle->value = dirty_keep(base, truth->handle);
        out->handles = lia_arena_take(base->arena, sizeof *out->handles);
        out->handles[0] = handle;
        out->n_handles = 1;
    }
}

/* One record of one truth, as some department wrote it down. */
static inline void dirty_add_record(dirty_base *base, size_t truth_at)
{
    const dirty_truth *truth = &base->truths[truth_at];
    Crm__Customer *out = lia_arena_take(base->arena, sizeof *out);
    crm__customer__init(out);
    base->records[base->record_count++] = (dirty_record){out, (uint32_t)truth_at};
    if (dirty_chance(base, 850))
        LIA_SET(out, type,
                truth->organization ? CRM__CUSTOMER_TYPE__CUSTOMER_TYPE_ORGANIZATION
                                    : CRM__CUSTOMER_TYPE__CUSTOMER_TYPE_PERSON);
    if (dirty_chance(base, 800)) out->country = dirty_tongues[truth->tongue].country;
    if (dirty_chance(base, 40)) { /* a newsletter's sign-up: nothing but the mailbox */
        dirty_add_email(base, truth, true, out);
        return;
    }
    dirty_name(base, truth, out);
    if (dirty_chance(base, 800)) dirty_add_email(base, truth, false, out);
    if (dirty_chance(base, 600)) dirty_add_phone(base, truth, truth->phone, out);
    if (dirty_chance(base, 400)) dirty_add_phone(base, truth, truth->mobile, out);
    if (dirty_chance(base, 650)) dirty_add_address(base, truth, out);
    dirty_add_facts(base, truth, out);
}

/* Makes `truths` people and organizations and all their records, in the arena. */
static inline void dirty_make(dirty_base *base, uint64_t seed, size_t truths, lia_arena *arena)
{
    *base = (dirty_base){.dice = {seed}, .arena = arena, .truth_count = truths};
    base->truths = lia_arena_take(arena, truths * sizeof *base->truths);
    base->records = lia_arena_take(arena, 4 * truths * sizeof *base->records);
    CHECK(base->truths && base->records);
    size_t company = 0, left = 0;
    for (size_t i = 0; i < truths; i++) dirty_entity(base, i, &company, &left);
    for (size_t i = 0; i < truths; i++) {
        dirty_add_record(base, i);
        if (!dirty_chance(base, 500)) continue;
        dirty_add_record(base, i);
        if (!dirty_chance(base, 400)) continue;
        dirty_add_record(base, i);
        if (dirty_chance(base, 300)) dirty_add_record(base, i);
    }
    CHECK(!arena->exhausted);
}

#endif
