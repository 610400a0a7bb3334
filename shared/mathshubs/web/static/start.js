// Starts the design system's scripts. Classes are set only once the script is
// there: components that need it stay plain HTML where it is not.
import { initAll } from './govuk-frontend.min.js'

document.body.classList.add('js-enabled', 'govuk-frontend-supported')
initAll()
