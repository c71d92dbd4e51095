# Completion for fab, inv and mantodeus-ops in fish: source this file.
# Tasks and options are what the program itself offers; after -H, the names of the nearest inventory.

function __mantodeus_inventory
    if set -q OPS_INVENTORY
        echo $OPS_INVENTORY
        return
    end
    set -l folder $PWD
    while test -n "$folder" -a ! -r "$folder/inventory/hosts.toml"
        set folder (string replace -r '/[^/]*$' '' -- $folder)
    end
    echo $folder/inventory/hosts.toml
end

# Names; behind a name with an @, or alone, the states that hosts are asked for.
function __mantodeus_hosts
    set -l taken (string match -r '^.*,' -- (commandline -ct))
    set -l name (string match -rg '^(?:.*,)?([^,]*)@[^,]*$' -- (commandline -ct))
    echo "$taken$name@failed"
    echo "$taken$name@behind"
    if test -z "$name"
        for name in (string match -rg '^\s*\["?(?:hosts|groups)"?\."?([A-Za-z0-9_-]+)"?\]' <(__mantodeus_inventory))
            echo "$taken$name"
        end
    end
end

function __mantodeus_words
    set -l words (commandline -opc)
    $words[1] --complete -- $words (commandline -ct) 2>/dev/null
end

for program in fab mantodeus-ops
    complete -c $program -s H -l hosts -x -a '(__mantodeus_hosts)'
end
for program in fab inv mantodeus-ops
    complete -c $program -f -a '(__mantodeus_words)'
end
