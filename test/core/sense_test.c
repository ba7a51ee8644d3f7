/*
 * sense_test.c
 *		What the words of a sentence mean together, where no rule knows it.
 */
#include <string.h>

#include "classify.h"
#include "tap.h"

/* gives - this class, by what bears this name (NULL: by the codes alone) */
static bool
gives(const char *response, const char *class_text, const char *rule)
{
	Diagnosis	d;
	char		text[BOUNCE_CLASS_TEXT_MAX];
	bool		same_rule;

	diagnose_response(response, strlen(response), SMTP_STATUS_NONE, &d);
	bounce_class_format(d.klass, text);
	same_rule = rule == NULL ? d.rule == NULL : d.rule != NULL && strcmp(d.rule, rule) == 0;
	if (strcmp(text, class_text) != 0 || !same_rule)
		printf("# %s by %s: %s\n", text, d.rule != NULL ? d.rule : basis_name(d.basis), response);
	return strcmp(text, class_text) == 0 && same_rule;
}

int
main(void)
{
	char		text[60000] = "";

	ok(gives("Den Teilnehmer kennen wir nicht", "hard:user_unknown", "stem:user+absent"), "a verb that is denied behind it");
	ok(gives("Non ritroviamo la casella: non ci risulta", "hard:user_unknown", "stem:mailbox+absent"), "and before it");
	ok(gives("450 Den Teilnehmer kennen wir nicht", "soft:user_unknown", "stem:user+absent"), "a temporary reply softens it");
	ok(gives("250 Den Teilnehmer kennen wir nicht", "ok:delivered", NULL), "a success is one");
	ok(gives("550 5.2.2 Den Teilnehmer kennen wir nicht", "soft:mailbox_full", NULL), "an enhanced code that says why is stronger");
	ok(gives("550 5.7.1 Den Teilnehmer kennen wir nicht", "hard:user_unknown", "stem:user+absent"), "one that does not is weaker");
	ok(gives("550 Ihre Kennung kennen wir nicht", "block:sender_rejected", "stem:own+absent"), "the sender's is not the recipient's");
	ok(gives("550 Die Datei haben wir nicht gefunden", "block:attachment_prohibited", "stem:file+absent"), "nor is a file one");
	ok(gives("550 Aus Gründen", "hard:user_unknown", NULL), "a bare 550 in words that say nothing");
	ok(gives("mailkonto.example.com gibt es. Fehlt nicht", "unknown:unknown", NULL), "the name of a host is no word");
	for (int i = 0; i < 3000; i++)
		strcat(text, "Amen, so sei es. ");
	strcat(text, "Den Teilnehmer kennen wir nicht");
	ok(gives(text, "hard:user_unknown", "stem:user+absent"), "at the end of a long text");
	return tap_end();
}
