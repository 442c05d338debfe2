#include <onboard/account.hpp>

onboard::Enrolment told(onboard::PlanCode const& plan, onboard::PersonId const& person)
{
#ifdef MISTAKE
    return {.plan = person, .person_id = plan};
#else
    return {.plan = plan, .person_id = person};
#endif
}
