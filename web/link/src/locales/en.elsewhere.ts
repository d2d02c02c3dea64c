/** English: the words of the link for another device or another person. */

export const elsewhere = {
  $passTitle: "Connect {platform} from somewhere else",
  $passText: "This page updates by itself when it is done.",
  $scanTitle: "On your phone or tablet",
  $scanText: "Point its camera at this code.",
  $scanLabel: "QR code of the link",
  $sendTitle: "Your accountant, or someone else",
  $sendText: "Send this link to the person who signs in at {platform}. They read what {provider} asks for before they agree.",
  $sendSetUp: "Send this link to the person at the computer where {platform} runs. They read what {provider} asks for before they agree.",
  $linkLabel: "Link to connect {platform}",
  $linkLives: "The link works once, and for 24 hours. Whoever has it can connect {platform} for {company}, so give it only to people you trust.",
  $copy: "Copy the link",
  $copied: "Copied",
  $mail: "Write an e-mail",
  $mailSubject: "Please connect {platform} for {company}",
  $mailText:
    "{provider} asks to read data of {company} from {platform}. Please open this link, read what is asked for, and sign in at {platform}:\n\n{link}\n\nThe link works once, and for 24 hours.",
  $mailSetUp:
    "{provider} asks to read data of {company} from {platform}. Please open this link on the computer where {platform} runs, read what is asked for, and set up {program}:\n\n{link}\n\nThe link works once, and for 24 hours.",
};
