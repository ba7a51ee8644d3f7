/*
 * shop.sql
 *		An application's own tables, as they might have been before bounce_ext: contacts
 *		and a send queue.  Everybody in the log is a contact.
 */
CREATE SCHEMA shop;

CREATE TABLE shop.contact (
	email text PRIMARY KEY,
	quarantined_until timestamptz
);

CREATE TABLE shop.outbox (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	email text NOT NULL,
	topic text NOT NULL,
	subject text NOT NULL
);

INSERT INTO shop.contact (email)
SELECT DISTINCT bounce.normalize_address(recipient)
FROM log_line
WHERE problem IS NULL AND bounce.normalize_address(recipient) IS NOT NULL;

SELECT bounce.quarantine_contacts('shop.contact', 'email', 'quarantined_until') AS attached \gset
SELECT bounce.guard_outbox('shop.outbox', 'email', topic_column => 'topic', on_suppressed => 'skip') AS attached \gset

/* People may refuse every stream of mail but the last two. */
INSERT INTO bounce.topic (topic, kind) VALUES
	('newsletter', 'marketing'), ('offers', 'marketing'), ('reminders', 'marketing'),
	('receipts', 'transactional'), ('account', 'transactional');
