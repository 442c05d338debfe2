#include "write_count.hpp"

#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/mman.h>

#include <onboard/error.hpp>

namespace onboard::sqlite {

WriteCount::WriteCount(Of of, int descriptor)
{
    // Without room on the disk for it, the first announcement would end the process.
    if (auto const trouble = ::posix_fallocate(descriptor, 0, mapped_size); trouble != 0)
        throw StorageFailure(std::string("cannot make room in the lock file: ") + std::strerror(trouble));
    auto* const mapped = ::mmap(nullptr, mapped_size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (mapped == MAP_FAILED)
        throw StorageFailure(std::string("cannot map the lock file: ") + std::strerror(errno));
    mapped_ = static_cast<Shared*>(mapped);
    shared_ = mapped_ + static_cast<std::size_t>(of);
}

WriteCount::~WriteCount()
{
    ::munmap(mapped_, mapped_size);
}

}
