#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace onboard::phone {

// A tree of leading digits stands for a set of numbers. Its branches have commas between them, and no two begin with the
// same digit. A branch is digits, where [1-35] is one of 1, 2, 3, 5 and . is any; then nothing, which is the end, or
// *7 for 7 more digits of any kind, *5-7+9 for 5 to 7 or 9 of them, * for as many as there are, or a tree in brackets.
// A ! before the branches is a number that ends there. The empty tree is the empty set.
using Tree = std::string_view;

// The length of the longest beginning of the digits that is in the set. Takes time by the size of the tree at most.
std::optional<std::size_t> longest_in(Tree, std::string_view digits) noexcept;

// Whether all of the digits are one number of the set.
bool is_in(Tree, std::string_view digits) noexcept;

}
