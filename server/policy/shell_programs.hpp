// What is known about single programs and variables: which start other programs, with which
// options, and which variables change nothing. Tables and questions to them; internal to policy.
#pragma once
#include <string_view>

#include "policy/shell.hpp"

namespace thole {

// A program that starts another one, and the options it takes before it.
struct Wrapper {
    std::string_view name;
    std::string_view with_value;  // options whose value is the next word, between spaces
    std::size_t operands = 0;     // words of its own before the command: the duration of timeout
    bool transparent = true;      // it does nothing else
};
const Wrapper* wrapper_named(std::string_view program);  // null: it is none

// Options by which a program runs another one or writes a file, though nothing else in its words
// says so; between spaces. "" for programs that are not known to have any.
std::string_view powerful_options(std::string_view program);

// Whether `word` is one of `options`, perhaps with a value, or a beginning of a long one, as GNU
// programs take it.
bool names_one_of(std::string_view word, std::string_view options);

// Whether `word` is one of the words between spaces.
bool is_listed(std::string_view word, std::string_view list);

// A word that is not an option and, when it is computed, cannot turn out to be one: its first
// character stands there plainly.
bool is_surely_no_option(const Word& word);

// Whether a variable of this name changes nothing about which programs run and what they load.
bool is_harmless_variable(std::string_view name, bool exported);

}  // namespace thole
