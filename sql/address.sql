
-- Mail addresses in the one spelling in which they are stored and compared.

CREATE FUNCTION bounce.normalize_address(address text) RETURNS text
	IMMUTABLE STRICT PARALLEL SAFE
	LANGUAGE C AS 'MODULE_PATHNAME', 'bounce_normalize_address';
COMMENT ON FUNCTION bounce.normalize_address(text) IS
'The canonical form of a mail address, or NULL when the text is none; never an error.
Taken off: surrounding blanks, angle brackets and the name before them, "mailto:", "smtp:", "rfc822;", the final dot of the domain.
ASCII letters in lower case (the local part too), domains in A-labels (IDNA 2008), quotes only where they are needed.
At most 64 bytes before the "@" and 254 together. Several addresses are no address. NULL in, NULL out.
RFC 5321 4.1.2, RFC 6531; also accepted: dots in a row or at the end of the local part, underscores in the domain.';

CREATE FUNCTION bounce.address_domain(address text) RETURNS text
	IMMUTABLE STRICT PARALLEL SAFE
	LANGUAGE C AS 'MODULE_PATHNAME', 'bounce_address_domain';
COMMENT ON FUNCTION bounce.address_domain(text) IS
'The domain of a mail address as A-labels in lower case (an address literal with its brackets), or NULL when the text
is no address; never an error. NULL in, NULL out. RFC 5321 4.1.2, RFC 5890.';
