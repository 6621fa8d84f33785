/* SPDX-License-Identifier: Apache-2.0 */
#include "common/exchange/language.h"

#include <string.h>
#include <strings.h>

static const struct {
    char tag[3];
    const char *names[4];
} languages[] = {
    {"ar", {"Arabic", "Arabisch", "العربية"}},
    {"bg", {"Bulgarian", "Bulgarisch", "български"}},
    {"cs", {"Czech", "Tschechisch", "čeština"}},
    {"da", {"Danish", "Dänisch", "dansk"}},
    {"de", {"German", "Deutsch"}},
    {"el", {"Greek", "Griechisch", "Ελληνικά"}},
    {"en", {"English", "Englisch"}},
    {"es", {"Spanish", "Spanisch", "español", "castellano"}},
    {"et", {"Estonian", "Estnisch", "eesti"}},
    {"fa", {"Persian", "Persisch", "فارسی"}},
    {"fi", {"Finnish", "Finnisch", "suomi"}},
    {"fr", {"French", "Französisch", "français"}},
    {"he", {"Hebrew", "Hebräisch", "עברית"}},
    {"hi", {"Hindi", "हिन्दी"}},
    {"hr", {"Croatian", "Kroatisch", "hrvatski"}},
    {"hu", {"Hungarian", "Ungarisch", "magyar"}},
    {"id", {"Indonesian", "Indonesisch", "Bahasa Indonesia"}},
    {"it", {"Italian", "Italienisch", "italiano"}},
    {"ja", {"Japanese", "Japanisch", "日本語"}},
    {"ko", {"Korean", "Koreanisch", "한국어"}},
    {"lt", {"Lithuanian", "Litauisch", "lietuvių"}},
    {"lv", {"Latvian", "Lettisch", "latviešu"}},
    {"nl", {"Dutch", "Niederländisch", "Nederlands"}},
    {"no", {"Norwegian", "Norwegisch", "norsk"}},
    {"pl", {"Polish", "Polnisch", "polski"}},
    {"pt", {"Portuguese", "Portugiesisch", "português"}},
    {"ro", {"Romanian", "Rumänisch", "română"}},
    {"ru", {"Russian", "Russisch", "русский"}},
    {"sk", {"Slovak", "Slowakisch", "slovenčina"}},
    {"sl", {"Slovenian", "Slowenisch", "slovenščina"}},
    {"sr", {"Serbian", "Serbisch", "српски", "srpski"}},
    {"sv", {"Swedish", "Schwedisch", "svenska"}},
    {"th", {"Thai", "Thailändisch", "ไทย"}},
    {"tr", {"Turkish", "Türkisch", "Türkçe"}},
    {"uk", {"Ukrainian", "Ukrainisch", "українська"}},
    {"vi", {"Vietnamese", "Vietnamesisch", "Tiếng Việt"}},
    {"zh", {"Chinese", "Chinesisch", "中文", "Mandarin"}},
};

static bool is_name(lia_span text, const char *name)
{
    return name && strlen(name) == text.size &&
           strncasecmp(name, (const char *)text.data, text.size) == 0;
}

/* "de_DE.UTF-8" */
static bool read_locale(lia_span name, char *out)
{
    char tag[LIA_LANGUAGE_MAX + 1];
    const uint8_t *dot = name.size ? memchr(name.data, '.', name.size) : NULL;
    if (dot) name.size = (size_t)(dot - name.data);
    if (name.size >= sizeof tag) return false;
    for (size_t i = 0; i < name.size; i++)
        tag[i] = (char)(name.data[i] == '_' ? '-' : name.data[i]);
    return lia_language_read(lia_span_make(tag, name.size), out);
}

bool lia_language_by_name(lia_span name, char out[LIA_LANGUAGE_MAX + 1])
{
    for (size_t i = 0; i < LIA_COUNT(languages); i++)
        for (size_t k = 0; k < LIA_COUNT(languages[i].names); k++)
            if (is_name(name, languages[i].names[k])) {
                memcpy(out, languages[i].tag, sizeof languages[i].tag);
                return true;
            }
    return read_locale(name, out);
}
