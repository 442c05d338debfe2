#include "server/pages/layout.hpp"
#include "server/pages/pages.hpp"

// A passenger stepping into a ring that is open to them.
namespace onboard::server::pages {

std::string_view logo()
{
    return R"(<svg class="mark" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true" focusable="false">)"
           R"(<rect class="mark-ground" width="32" height="32" rx="9.5"/>)"
           R"(<path class="mark-line" d="M11.2 9.4a8.2 8.2 0 1 1 0 13.2" fill="none" stroke-width="3" )"
           R"(stroke-linecap="round"/>)"
           R"(<circle class="mark-dot" cx="10" cy="16" r="2.6"/></svg>)";
}

std::string_view icon()
{
    return R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">)"
           R"(<rect width="32" height="32" rx="9.5" fill="#0b7261"/>)"
           R"(<path d="M11.2 9.4a8.2 8.2 0 1 1 0 13.2" fill="none" stroke="#fff" stroke-width="3" )"
           R"(stroke-linecap="round"/><circle cx="10" cy="16" r="2.6" fill="#fff"/></svg>)";
}

}
