# Completion of onboard-server's commands, flags and settings for bash. A test holds it beside --help of every command.

_onboard_server()
{
    local -A commands=(
        [top]="serve check-config migrate backup partner plan channel issuer user outbox audit"
        ["top partner"]="add rotate revoke list"
        ["top plan"]="add close list"
        ["top channel"]="add list"
        ["top issuer"]="add remove list"
        ["top user"]="show block unblock delete erase export"
        ["top outbox"]="list retry"
        ["top audit"]="verify list"
    )
    local -A flags=(
        [top]="--version"
        ["top migrate"]="--from --to"
        ["top partner add"]="--right --link-existing"
        ["top partner revoke"]="--oldest"
        ["top partner list"]="--json"
        ["top plan add"]="--partner"
        ["top plan list"]="--json"
        ["top channel add"]="--organisation"
        ["top channel list"]="--json"
        ["top issuer add"]="--public-key --channel --audience"
        ["top issuer list"]="--json"
        ["top user show"]="--json"
        ["top outbox list"]="--json"
        ["top audit list"]="--last --json"
    )
    local -A values=(
        [--right]="partner sso sunbird redeem"
        [--link-existing]="refuse confirm trust"
        [--sms-guard]="refuse record"
        [--deleted]="block release"
        [--behind-proxy]="no yes"
        [--log]="debug info warn error"
    )
    local alone=" --help -h --version --oldest --json "
    local files=" --config --public-key --secret-file --tls-certificate --tls-key "
    local settings="--config --listen --database --public-url --login-url --home-url --mail --mail-from --sms --sms-token
        --secret-file --phone-region --sms-countries --sms-guard --login-link-seconds --password-link-seconds
        --opt-in-seconds --otp-seconds --otp-digits --otp-tries --otp-pause-seconds --otp-per-hour --otp-per-day
        --auth-code-seconds --password-min-length --terms-version --privacy-version --deleted --google-client-id
        --google-keys-url --google-tokeninfo-url --default-channel --tls-certificate --tls-key --behind-proxy
        --trusted-proxies --admin-listen --sms-per-address-per-hour --sms-per-day --sign-in-per-address-per-minute --log"

    # Which command it is, and the flag that waits for its value; bash takes = for a word of its own.
    local word=${COMP_WORDS[COMP_CWORD]} command=top flag="" other
    [ "$word" = = ] && word=""
    for other in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        if [ "$other" = = ]; then
            continue
        elif [ -n "$flag" ]; then
            flag=""
        elif [[ $other == -* ]]; then
            [[ $alone == *" $other "* ]] || flag=$other
        elif [[ " ${commands[$command]} " == *" $other "* ]]; then
            command="$command $other"
        fi
    done

    COMPREPLY=()
    if [ -n "$flag" ]; then
        if [ -n "${values[$flag]}" ]; then
            mapfile -t COMPREPLY < <(compgen -W "${values[$flag]}" -- "$word")
        elif [[ $files == *" $flag "* ]]; then
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
        fi
    elif [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "--help ${flags[$command]} $settings" -- "$word")
    elif [ -n "${commands[$command]}" ]; then
        mapfile -t COMPREPLY < <(compgen -W "${commands[$command]}" -- "$word")
    elif [ "$command" = "top backup" ]; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
    fi
}

complete -F _onboard_server onboard-server
