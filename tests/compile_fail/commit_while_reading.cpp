#include <onboard/storage.hpp>

void nothing(onboard::Storage& storage)
{
#ifdef MISTAKE
    auto const work = storage.begin_reading();
#else
    auto const work = storage.begin();
#endif
    work->commit();
}
