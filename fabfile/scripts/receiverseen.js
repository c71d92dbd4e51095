// Looks at the webhook's receiver. needs: receiver
'use strict';
receiverFacts().then(reply, fail);
