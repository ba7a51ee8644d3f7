/*
 * NAME
 *		byte_class - what a byte of an answer is to its reader
 *
 * SUMMARY
 *		A table. What is not ASCII is the begin of a character, whatever it is.
 */
#include "byte_class.h"

#define B IS_BLANK
#define L IS_LETTER
#define D IS_DIGIT
#define C IS_CODE_DIGIT
#define X IS_BRACKET
#define H IS_HIGH
#define H16 H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H

const unsigned char byte_class[256] = {
	B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B,
	B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B,
	/* blank ! " # $ % & ' ( ) * + , - . / */
	B, B, B, X, X, X, IS_AMPERSAND, IS_APOSTROPHE, X, X, B, IS_PLUS, B, IS_HYPHEN, IS_DOT, X,
	/* 0 .. 9 : ; < = > ? */
	D, D, C, D, C, C, D, D, D, D, B, B, IS_LESS, IS_EQUALS, B, IS_QUESTION,
	IS_AT, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
	/* P .. Z [ \ ] ^ _ */
	L, L, L, L, L, L, L, L, L, L, L, X, IS_BACKSLASH, X, B, IS_UNDERSCORE,
	IS_APOSTROPHE, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
	/* p .. z { | } ~ DEL */
	L, L, L, L, L, L, L, L, L, L, L, B, B, B, B, B,
	H16, H16, H16, H16, H16, H16, H16, H16
};

#undef B
#undef L
#undef D
#undef C
#undef X
#undef H
#undef H16
