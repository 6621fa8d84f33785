/* SPDX-License-Identifier: Apache-2.0 */
#include "common/crm/interaction.h"

#include "common/node/fields.h"

const lia_refusal_text LIA_INTERACTION_IS_AHEAD[1] = {
    {"interaction-is-ahead", "An interaction is logged when it has happened; this one lies more "
                             "than a day ahead. Plan a task instead."}};

#define TYPE(name)    CRM__INTERACTION_TYPE__INTERACTION_TYPE_##name
#define CHANNEL(name) CRM__CHANNEL__CHANNEL_##name

Crm__Channel lia_interaction_channel(Crm__InteractionType type)
{
    static const Crm__Channel channels[] = {
        [TYPE(UNKNOWN)] = CHANNEL(UNKNOWN),   [TYPE(CALL)] = CHANNEL(PHONE),
        [TYPE(EMAIL)] = CHANNEL(EMAIL),       [TYPE(MESSAGE)] = CHANNEL(SMS),
        [TYPE(CHAT)] = CHANNEL(CHAT),         [TYPE(VISIT)] = CHANNEL(IN_PERSON),
        [TYPE(LETTER)] = CHANNEL(POST),       [TYPE(POST)] = CHANNEL(SOCIAL),
        [TYPE(MEETING)] = CHANNEL(IN_PERSON), [TYPE(NOTE)] = CHANNEL(UNKNOWN),
        [TYPE(PURCHASE)] = CHANNEL(UNKNOWN),  [TYPE(RETURN)] = CHANNEL(UNKNOWN),
        [TYPE(PAYMENT)] = CHANNEL(UNKNOWN),   [TYPE(PAGE_VIEW)] = CHANNEL(WEB),
        [TYPE(FORM)] = CHANNEL(WEB),          [TYPE(DOWNLOAD)] = CHANNEL(WEB),
    };
    return (size_t)type < LIA_COUNT(channels) ? channels[type] : CHANNEL(UNKNOWN);
}

Crm__InteractionType lia_interaction_type(Crm__Channel channel)
{
    static const Crm__InteractionType types[] = {
        [CHANNEL(UNKNOWN)] = TYPE(MESSAGE), [CHANNEL(PHONE)] = TYPE(CALL),
        [CHANNEL(EMAIL)] = TYPE(EMAIL),     [CHANNEL(SMS)] = TYPE(MESSAGE),
        [CHANNEL(CHAT)] = TYPE(CHAT),       [CHANNEL(SOCIAL)] = TYPE(POST),
        [CHANNEL(WEB)] = TYPE(MESSAGE),     [CHANNEL(IN_PERSON)] = TYPE(VISIT),
        [CHANNEL(POST)] = TYPE(LETTER),     [CHANNEL(FAX)] = TYPE(LETTER),
    };
    return (size_t)channel < LIA_COUNT(types) ? types[channel] : TYPE(MESSAGE);
}

lia_refusal lia_interaction_complete(Crm__Interaction *interaction, lia_time now)
{
    if (!interaction->has_occurred_at) LIA_SET(interaction, occurred_at, now.ms);
    if (interaction->occurred_at > now.ms + LIA_INTERACTION_AHEAD_MS)
        return LIA_INTERACTION_IS_AHEAD;
    if (!interaction->has_channel) {
        Crm__Channel channel = lia_interaction_channel(interaction->type);
        if (channel) LIA_SET(interaction, channel, channel);
    }
    return LIA_ALLOWED;
}
