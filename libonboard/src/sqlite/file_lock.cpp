#include "file_lock.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include <onboard/error.hpp>

namespace onboard::sqlite {

LockFile::LockFile(std::filesystem::path const& path)
    : descriptor_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR))
{
    if (descriptor_ < 0)
        throw StorageFailure("cannot open " + path.string() + ": " + std::strerror(errno));
}

LockFile::~LockFile()
{
    ::close(descriptor_);
}

bool LockFile::lock(Part part, std::chrono::milliseconds patience)
{
    // The kernel offers no wait with a limit, and nobody else holds the lock for longer than a transaction.
    constexpr std::chrono::milliseconds pause{1};
    auto const give_up_at = std::chrono::steady_clock::now() + patience;
    while (!set(part, F_WRLCK)) {
        if (std::chrono::steady_clock::now() >= give_up_at)
            return false;
        std::this_thread::sleep_for(pause);
    }
    return true;
}

void LockFile::unlock(Part part)
{
    set(part, F_UNLCK);
}

bool LockFile::set(Part part, short type) const
{
    struct flock byte {};
    byte.l_type = type;
    byte.l_whence = SEEK_SET;
    byte.l_start = static_cast<short>(part);
    byte.l_len = 1;
    if (::fcntl(descriptor_, F_OFD_SETLK, &byte) == 0)
        return true;
    if (errno == EACCES || errno == EAGAIN || errno == EINTR)
        return false;
    throw StorageFailure(std::string("cannot lock the database: ") + std::strerror(errno));
}

}
