#include "phone_tree.hpp"

#include <algorithm>

namespace onboard::phone {

namespace {

bool is_digit(char sign)
{
    return sign >= '0' && sign <= '9';
}

// The octets of the step at the front: a digit, a class, any digit; none if there is none.
std::size_t step_size(Tree tree)
{
    if (tree.empty())
        return 0;
    if (tree.front() == '[')
        return tree.find(']') + 1;
    return is_digit(tree.front()) || tree.front() == '.' ? 1 : 0;
}

// "[0-25]" has 0, 1, 2 and 5.
bool takes(std::string_view step, char digit)
{
    if (step.size() == 1)
        return step.front() == digit || step.front() == '.';
    for (std::size_t at = 1; at + 1 < step.size(); ++at) {
        if (step[at] == '-' && step[at - 1] < digit && digit < step[at + 1])
            return true;
        if (step[at] == digit)
            return true;
    }
    return false;
}

// From the branch behind this one; empty behind the last.
Tree next_branch(Tree tree)
{
    auto depth = 0;
    for (std::size_t at = 0; at < tree.size(); ++at) {
        auto const sign = tree[at];
        if (sign == ',' && depth == 0)
            return tree.substr(at + 1);
        depth += sign == '(' ? 1 : sign == ')' ? -1 : 0;
        if (depth < 0)
            break;
    }
    return {};
}

// From the branch that goes on with this digit; empty if none does.
Tree branch_for(Tree tree, char digit)
{
    while (!tree.empty() && !takes(tree.substr(0, step_size(tree)), digit))
        tree = next_branch(tree);
    return tree;
}

std::size_t take_number(Tree& tree)
{
    std::size_t number = 0;
    for (; !tree.empty() && is_digit(tree.front()); tree.remove_prefix(1))
        number = number * 10 + static_cast<std::size_t>(tree.front() - '0');
    return number;
}

// The most digits that "*5-7+9" takes of so many; nothing if even the least is more.
std::optional<std::size_t> most_of(Tree tree, std::size_t available)
{
    tree.remove_prefix(1);
    if (tree.empty() || !is_digit(tree.front()))
        return available;
    std::optional<std::size_t> most;
    for (auto more = true; more;) {
        auto const least = take_number(tree);
        auto last = least;
        if (tree.starts_with('-')) {
            tree.remove_prefix(1);
            last = take_number(tree);
        }
        if (least <= available)
            most = std::min(last, available);
        more = tree.starts_with('+');
        if (more)
            tree.remove_prefix(1);
    }
    return most;
}

// How a branch goes on behind its steps.
bool ends(Tree tree)
{
    return tree.empty() || tree.front() == ',' || tree.front() == ')';
}

}

std::optional<std::size_t> longest_in(Tree tree, std::string_view digits) noexcept
{
    std::optional<std::size_t> found;
    std::size_t used = 0;
    for (;;) {
        if (tree.starts_with('!')) {
            found = used;
            tree = next_branch(tree);
        }
        if (used == digits.size())
            return found;
        tree = branch_for(tree, digits[used]);
        if (tree.empty())
            return found;
        for (auto size = step_size(tree); size > 0; size = step_size(tree)) {
            if (used == digits.size() || !takes(tree.substr(0, size), digits[used]))
                return found;
            tree.remove_prefix(size);
            ++used;
        }
        if (ends(tree))
            return used;
        if (tree.front() == '*') {
            auto const more = most_of(tree, digits.size() - used);
            return more ? used + *more : found;
        }
        tree.remove_prefix(1);
    }
}

bool is_in(Tree tree, std::string_view digits) noexcept
{
    return longest_in(tree, digits) == digits.size();
}

}
