#include <onboard/storage.hpp>

void end(onboard::Storage& storage, onboard::SessionId session)
{
#ifdef MISTAKE
    auto const work = storage.begin_reading();
#else
    auto const work = storage.begin();
#endif
    work->sessions().end(session);
}
