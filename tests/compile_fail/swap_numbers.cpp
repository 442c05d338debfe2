#include <onboard/storage.hpp>

std::optional<onboard::Enrolment>
told(onboard::UnitOfWork& work, onboard::PartnerId partner, onboard::AccountId account)
{
#ifdef MISTAKE
    return work.accounts().find_enrolment(account, partner);
#else
    return work.accounts().find_enrolment(partner, account);
#endif
}
