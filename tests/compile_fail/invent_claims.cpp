#include <onboard/jwt.hpp>

onboard::jwt::Checked<onboard::jwt::Claims>
claims_of(std::string_view token, onboard::jwt::Verifier const& verifier, onboard::jwt::KeySet const& keys)
{
#ifdef MISTAKE
    return onboard::jwt::Claims({});
#else
    return verifier.verify(token, keys, onboard::system_clock().now());
#endif
}
